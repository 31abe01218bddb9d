/** The part of njs's API that the edge uses (nginx.org/en/docs/njs/reference.html): an interface, so that tests can play nginx. */

/** One request. Handlers of a phase get the same one; so do the filters of its response. */
export interface Request {
  readonly method: string;
  /** Normalized and decoded. */
  readonly uri: string;
  status: number;
  readonly headersOut: Record<string, string | undefined>;
  /** nginx's own and, writable, those declared by `js_var`. */
  readonly variables: Record<string, string | undefined>;
  /** Answers at once; nothing of the location runs after it. */
  return(status: number, body?: string): void;
  /** In a body filter: hands a part on. */
  sendBuffer(data: string, flags: BufferFlags): void;
  error(message: string): void;
}

export interface BufferFlags {
  readonly last?: boolean;
}

/** What `js_periodic` gives its handler. */
export interface Periodic {
  readonly variables: Readonly<Record<string, string | undefined>>;
}

/** A `js_shared_dict_zone`: one for all workers, kept over a reload. */
export interface SharedDict<V extends string | number> {
  get(key: string): V | undefined;
  set(key: string, value: V): unknown;
  delete(key: string): boolean;
  /** Without those that have expired. */
  keys(most: number): readonly string[];
}

export interface Nginx {
  readonly shared: {
    readonly live_keys: SharedDict<string>;
    readonly live_viewers: SharedDict<number>;
  };
}
