// Takes a picture of every scene of the preview, in both themes: node e2e/pictures.mjs [FOLDER [SCENE…]]
// CHROMIUM names the browser; WIDTH and HEIGHT the window.

import { mkdir, readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";

import { chromium } from "playwright-core";
import { createServer } from "vite";

const { CHROMIUM = "/usr/bin/chromium", WIDTH = "460", HEIGHT = "720" } = process.env;
const [folder = fileURLToPath(new URL("../../build/pictures", import.meta.url)), ...wanted] =
  process.argv.slice(2);
const axe = await readFile(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

/** What is pressed before the picture, by the scene's name. */
const PRESS = {
  joined: ["button[aria-label^='Sign in']"],
  failed: ["button[aria-label^='Sign in']"],
  details: ["li:nth-child(2) > button"],
  "sign-out": ["li:nth-child(2) > button", ".details > button"],
  add: ["footer button"],
  about: ["button[aria-label='About Lanyard']"],
  activity: ["button[aria-label='Activity']"],
};
const PLAYS_IN = { details: "accounts", "sign-out": "accounts", add: "nobody", about: "good", activity: "good" };

const server = await createServer({
  root: new URL("..", import.meta.url).pathname,
  logLevel: "error",
});
await server.listen();
const [address] = server.resolvedUrls.local;
const browser = await chromium.launch({ executablePath: CHROMIUM, args: ["--no-sandbox"] });
await mkdir(folder, { recursive: true });

const { NOW, SCENES } = await server.ssrLoadModule("/src/fixtures/states.ts");
const names = wanted.length > 0 ? wanted : [...Object.keys(SCENES), ...Object.keys(PLAYS_IN)];
for (const name of names) {
  for (const colorScheme of ["light", "dark"]) await picture(name, colorScheme);
}
await browser.close();
await server.close();

async function picture(name, colorScheme) {
  const page = await browser.newPage({
    colorScheme,
    deviceScaleFactor: 1.5,
    viewport: { width: Number(WIDTH), height: Number(HEIGHT) },
  });
  page.on("pageerror", (error) => report(name, error.message));
  await page.clock.setFixedTime(NOW);
  await page.goto(`${address}preview.html?scene=${PLAYS_IN[name] ?? name}`);
  await page.waitForSelector("header");
  for (const selector of PRESS[name] ?? []) await page.click(selector);
  if (name === "add") await page.selectOption("dialog > .field select", { label: "Acme Identity" });
  await page.waitForTimeout(200);
  await page.screenshot({ path: `${folder}/${name}-${colorScheme}.png` });
  await page.evaluate(axe);
  const { violations } = await page.evaluate(() => window.axe.run());
  for (const { id, nodes } of violations)
    report(`${name}-${colorScheme}`, `${id}: ${nodes[0].html} ${nodes[0].failureSummary}`);
  await page.close();
}

function report(name, problem) {
  console.error(`${name}: ${problem}`);
  process.exitCode = 1;
}
