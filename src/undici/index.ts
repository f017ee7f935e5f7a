/** A transport for Node servers that want the last factor of two: `undici.request` in the place of `fetch`. */
export { undiciFetch, type UndiciFetchOptions } from "./undici-fetch.js";
