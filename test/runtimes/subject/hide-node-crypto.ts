/** A platform without Node's modules: what is asked for by name is not there. */
Object.defineProperty(process, "getBuiltinModule", { configurable: true, writable: true, value: undefined });
