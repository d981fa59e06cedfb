/** Two letters for a person: of the display name, else of what stands before the @. */
export function initials(username: string, displayName: string | null): string {
  const name = displayName?.trim() || username.split("@")[0] || username;
  const words = name.match(/[\p{L}\p{N}]+/gu) ?? [];
  const [first = "?", second] = words;
  const letters = second
    ? [...first].slice(0, 1).concat([...second].slice(0, 1))
    : [...first].slice(0, 2);
  return letters.join("").toUpperCase();
}
