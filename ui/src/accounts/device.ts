/** The time that a code is still good for, as m:ss; null once it is over. */
export function countDown(end: string, now: number): string | null {
  const seconds = Math.ceil((Date.parse(end) - now) / 1000);
  if (!(seconds > 0)) return null;
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
}

/** The dark squares of a QR code, as the path of an SVG. */
export function squares(rows: string[]): string {
  const square = (cell: string, x: number, y: number) =>
    cell === "#" ? `M${x} ${y}h1v1h-1z` : "";
  return rows.map((row, y) => [...row].map((cell, x) => square(cell, x, y)).join("")).join("");
}
