/** What a request is: its number, the version that is spoken, and both bodies. */
import { type Codec, int16, int32, nullableString } from "./codec.ts";

export interface Api<Request, Response> {
  readonly name: string;
  readonly key: number;
  readonly version: number;
  /** Headers and bodies carry tagged fields. */
  readonly flexible: boolean;
  readonly request: Codec<Request>;
  readonly response: Codec<Response>;
}

export const api = <Q, A>(
  name: string,
  key: number,
  version: number,
  request: Codec<Q>,
  response: Codec<A>,
): Api<Q, A> => ({ name, key, version, flexible: false, request, response });
export const flexibleApi = <Q, A>(
  name: string,
  key: number,
  version: number,
  request: Codec<Q>,
  response: Codec<A>,
): Api<Q, A> => ({ name, key, version, flexible: true, request, response });

export const throttle = { throttleTimeMs: int32 };
export const failure = { errorCode: int16, errorMessage: nullableString };
