import { describe, expect, it } from "vitest";

import { inMinutes, NOW } from "./fixtures/states";
import { moment, momentInSentence, timeLeft } from "./time";

const at = (minutes: number) => Date.parse(inMinutes(minutes));

describe("the time that is left", () => {
  it.each([
    [41, "41 min"],
    [0.2, "1 min"],
    [59.5, "1 h 00 min"],
    [232, "3 h 52 min"],
    [22 * 60 + 47, "tomorrow 09:00"],
  ])("says %d minutes as %s", (minutes, words) => {
    expect(timeLeft(at(minutes), NOW)).toBe(words);
  });

  it("never says that nothing is left", () => {
    expect(timeLeft(NOW - 1, NOW)).toBe("1 min");
  });
});

describe("a moment", () => {
  it.each([
    [-15, "09:58", "at 09:58"],
    [-24 * 60, "yesterday 10:13", "yesterday 10:13"],
    [5 * 24 * 60, "Thu 10:13", "on Thu 10:13"],
    [12 * 24 * 60, "3 Dec", "on 3 Dec"],
  ])("%d minutes away is %s", (minutes, alone, inSentence) => {
    expect(moment(at(minutes), NOW)).toBe(alone);
    expect(momentInSentence(at(minutes), NOW)).toBe(inSentence);
  });
});
