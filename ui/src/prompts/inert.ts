/** How long a new question takes no answer: long enough to see that another one stands there. */
const MOMENT = 500;

/** Calls `then` once a question has been seen for a moment. Returns what calls that off. */
export function afterAMoment(then: () => void): () => void {
  const timer = setTimeout(then, MOMENT);
  return () => clearTimeout(timer);
}
