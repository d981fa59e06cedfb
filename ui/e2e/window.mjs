// Drives the real window through WebKitWebDriver, which starts the program itself.
//
//   const window = await openWindow({ binary: "/…/lanyard-app-under-test", env });
//   await window.waitForText("h1", "All good");
//   await window.click(await window.button("Add account"));
//   await window.close();

import { spawn } from "node:child_process";
import { readFile, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { createServer } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";

const DRIVER = "WebKitWebDriver";
/** How an element is named in replies (W3C WebDriver, section 11). */
const ELEMENT = "element-6066-11e4-a52e-4f735466cecf";
/** How long something may take to appear; the machine may be busy. */
const PATIENCE = 20_000;
const RETRY = 50;

/** Starts a driver on a free port, or on `port`, and the program in it. */
export async function openWindow({ binary, args = [], env = process.env, port }) {
  const at = port ?? (await freePort());
  const driver = spawn(DRIVER, [`--port=${at}`], {
    env: { ...env, TAURI_AUTOMATION: "true", TAURI_WEBVIEW_AUTOMATION: "true" },
    stdio: ["ignore", "inherit", "inherit"],
  });
  const address = `http://127.0.0.1:${at}`;
  try {
    await eventually("the driver", () => request("GET", `${address}/status`));
    const capabilities = { alwaysMatch: { "webkitgtk:browserOptions": { binary, args } } };
    const { sessionId } = await request("POST", `${address}/session`, { capabilities });
    return new Window(`${address}/session/${sessionId}`, driver);
  } catch (error) {
    driver.kill();
    throw error;
  }
}

class Window {
  #session;
  #driver;

  constructor(session, driver) {
    this.#session = session;
    this.#driver = driver;
  }

  /** The first element that matches a CSS selector, once there is one. */
  find(selector) {
    const query = { using: "css selector", value: selector };
    return eventually(selector, () => this.#send("POST", "/element", query));
  }

  /** The button with this name, as a screen reader says it, once there is one that can be pressed. */
  button(name) {
    const script = `return [...document.querySelectorAll("button:enabled")].find(
      (button) => (button.ariaLabel ?? button.innerText.trim()) === arguments[0] &&
        button.ariaDisabled !== "true")`;
    return eventually(`the button "${name}"`, async () => (await this.run(script, name)) ?? fail());
  }

  /** Presses the button with this name. */
  async press(name) {
    await this.click(await this.button(name));
  }

  async click(element) {
    await this.#send("POST", `/element/${element[ELEMENT]}/click`, {});
  }

  async type(element, text) {
    await this.#send("POST", `/element/${element[ELEMENT]}/value`, { text });
  }

  async text(selector) {
    const element = await this.find(selector);
    return this.#send("GET", `/element/${element[ELEMENT]}/text`);
  }

  /** Waits until the element's text contains `words`. */
  waitForText(selector, words) {
    return eventually(
      `"${words}" in ${selector}`,
      async () => (await this.text(selector)).includes(words) || fail(),
    );
  }

  /** Runs the body of a function in the page; what it returns must be JSON or an element. */
  run(script, ...args) {
    return this.#send("POST", "/execute/sync", { script, args });
  }

  /** Keeps, from now on, all that the page is told and what its headline says: `record` reads it. */
  listen() {
    return this.run(`
      const kept = (window.recorded = { payloads: [], headlines: [] });
      const { fetch: ask } = window;
      window.fetch = async (...call) => {
        const reply = await ask(...call);
        kept.payloads.push(await reply.clone().text());
        return reply;
      };
      const { invoke, transformCallback } = window.__TAURI_INTERNALS__;
      for (const event of ["status", "broker-gone"]) {
        const handler = transformCallback(({ payload }) => kept.payloads.push(JSON.stringify(payload)));
        invoke("plugin:event|listen", { event, target: { kind: "Any" }, handler });
      }
      const look = () => {
        const words = document.querySelector("h1").innerText;
        if (kept.headlines.at(-1) !== words) kept.headlines.push(words);
      };
      new MutationObserver(look).observe(document.querySelector("main"), {
        subtree: true, childList: true, characterData: true,
      });
      look();
    `);
  }

  /** What the page has been told since it listens, its headlines, and the whole page as it stands. */
  recorded() {
    return this.run("return { ...window.recorded, page: document.documentElement.outerHTML }");
  }

  async resize(width, height) {
    await this.#send("POST", "/window/rect", { width, height });
  }

  async screenshot(path) {
    // Two frames: the first may still show what stood there before.
    const script =
      "const [done] = arguments; requestAnimationFrame(() => requestAnimationFrame(() => done()))";
    await this.#send("POST", "/execute/async", { script, args: [] });
    await writeFile(path, Buffer.from(await this.#send("GET", "/screenshot"), "base64"));
  }

  /** axe-core's violations, each as one line; there should be none. */
  async axe() {
    const source = createRequire(import.meta.url).resolve("axe-core/axe.min.js");
    await this.run(await readFile(source, "utf8"));
    const script =
      "const done = arguments[0]; axe.run().then(({ violations }) => done(violations))";
    const violations = await this.#send("POST", "/execute/async", { script, args: [] });
    return violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(" ")}`);
  }

  /** Ends the session, and with it the program. */
  async close() {
    await this.#send("DELETE", "").catch(() => {});
    this.#driver.kill();
  }

  #send(method, path, body) {
    return request(method, this.#session + path, body);
  }
}

async function request(method, address, body) {
  const signal = AbortSignal.timeout(PATIENCE);
  const reply = await fetch(address, { method, body: body && JSON.stringify(body), signal });
  const { value } = await reply.json();
  if (!reply.ok) throw new Error(`${value.error}: ${value.message}`);
  return value;
}

async function eventually(what, attempt) {
  const deadline = Date.now() + PATIENCE;
  for (;;) {
    try {
      return await attempt();
    } catch (error) {
      if (Date.now() > deadline) throw new Error(`${what} did not appear`, { cause: error });
      await sleep(RETRY);
    }
  }
}

function fail() {
  throw new Error("not yet");
}

function freePort() {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.on("error", reject);
    server.listen(0, "127.0.0.1", () => {
      const { port } = server.address();
      server.close(() => resolve(port));
    });
  });
}
