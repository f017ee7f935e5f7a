/**
 * Something is wrong with an input file. The message is what a person reads in the terminal:
 * `file#/json/pointer: reason`, the pointer as in RFC 6901 section 6 (a URI fragment).
 */
export class InputError extends Error {
  override readonly name = "InputError";

  constructor(file: string, pointer: string, reason: string) {
    super(`${file}#${pointer}: ${reason}`);
  }
}
