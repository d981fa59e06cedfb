// Drives the real window for a test in another language: node e2e/remote.mjs BINARY [ARGUMENT…]
//
// A line of JSON in, {"method": "waitForText", "args": ["h1", "All good"]}, is a line of JSON out,
// {"value": …} or {"error": "…"}. The first line out says that the window is open; it is closed at
// the end of the input.

import { createInterface } from "node:readline";

import { openWindow } from "./window.mjs";

const [binary, ...args] = process.argv.slice(2);

let window;
await answer(async () => {
  window = await openWindow({ binary, args });
});
for await (const line of createInterface({ input: process.stdin })) {
  const { method, args } = JSON.parse(line);
  await answer(() => window[method](...args));
}
await window?.close();

async function answer(work) {
  let reply;
  try {
    reply = { value: (await work()) ?? null };
  } catch (error) {
    reply = { error: `${error.message}${error.cause ? `: ${error.cause.message}` : ""}` };
  }
  process.stdout.write(`${JSON.stringify(reply)}\n`);
}
