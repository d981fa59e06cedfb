import { expect, it } from "vitest";

import { initials } from "./initials";

it.each([
  ["maria.klein@contoso.com", null, "MK"],
  ["mk81@contoso.com", "Maria Klein", "MK"],
  ["research-agent", null, "RA"],
  ["pipeline@data-project", null, "PI"],
  ["מריה קליין", null, "מק"],
  ["👩‍💻", null, "?"],
  ["", null, "?"],
])("%s is %s, %s", (username, displayName, letters) => {
  expect(initials(username, displayName)).toBe(letters);
});
