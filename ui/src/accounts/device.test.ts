import { expect, it } from "vitest";

import { countDown, squares } from "./device";

it("counts a code's time down to its end", () => {
  const end = "2026-03-04T10:15:00Z";
  const before = (seconds: number) => countDown(end, Date.parse(end) - seconds * 1000);
  expect([before(900), before(61), before(0.2), before(0), before(-5)]).toEqual([
    "15:00",
    "1:01",
    "0:01",
    null,
    null,
  ]);
  expect(countDown("not a time", 0)).toBeNull();
});

it("draws dark squares and nothing else", () => {
  expect(squares(["# ", " #"])).toBe("M0 0h1v1h-1zM1 1h1v1h-1z");
  expect(squares(['<"'])).toBe("");
});
