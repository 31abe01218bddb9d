/** One line of JSON an event, on standard output. Queries, keys and tokens never get here. */
export type Log = (
  event: string,
  fields?: Readonly<Record<string, string | number | boolean | undefined>>,
) => void;

export const logTo =
  (write: (line: string) => void): Log =>
  (event, fields = {}) =>
    write(`${JSON.stringify({ time: new Date().toISOString(), event, ...fields })}\n`);

/** Says what goes wrong again and again once, and again when it is something else. */
export function onChange(log: Log, event: string): (cause: string) => void {
  let said = "";
  return (cause) => {
    if (cause !== said) log(event, { cause });
    said = cause;
  };
}
