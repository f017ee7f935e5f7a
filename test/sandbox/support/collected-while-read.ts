import { makeDeliveryKey, publicPart } from "../../../src/sandbox/verification-keys.js";

/** Run as a program: reads each new key so often that the garbage collector runs in the midst of it. */
for (let made = 0; made < 100; made += 1) {
  const key = makeDeliveryKey();
  for (let read = 0; read < 40; read += 1) publicPart(key);
}
process.stdout.write("read\n");
