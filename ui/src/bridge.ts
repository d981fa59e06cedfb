//! The only door to the window's process; a preview or a test puts another one in its place.

import { invoke } from "@tauri-apps/api/core";
import { listen } from "@tauri-apps/api/event";

import type { Problem, SignInReply, StatusReply } from "./generated/api";

export interface Watcher {
  onStatus: (status: StatusReply) => void;
  onGone: (problem: Problem) => void;
}

/** Forwards one of the allowed operations to the broker. Rejects with a `Problem`. */
export function call<Reply>(
  method: "GET" | "POST" | "DELETE",
  path: string,
  body: object | null = null,
): Promise<Reply> {
  return invoke<Reply>("call", { method, path, body }).catch(rethrow);
}

/** Opens the page on which the person enters a sign-in's code, in the system browser. */
export function openCodePage(id: string): Promise<void> {
  return invoke<void>("open_code_page", { id }).catch(rethrow);
}

/** Starts or joins a sign-in and opens the provider's page in the system browser. */
export function signIn(profile: string): Promise<SignInReply> {
  return invoke<SignInReply>("sign_in", { profile }).catch(rethrow);
}

/** Reports every whole state that the broker sends, for as long as the page is open. */
export async function watch({ onStatus, onGone }: Watcher): Promise<void> {
  await listen<StatusReply>("status", (event) => onStatus(event.payload));
  await listen<Problem>("broker-gone", (event) => onGone(event.payload));
}

/** The window's process rejects with a `Problem`; the web view itself, with a text. */
function rethrow(reason: unknown): never {
  if (typeof reason === "object" && reason !== null && "title" in reason) throw reason;
  const problem: Problem = {
    type: "about:blank",
    title: String(reason),
    status: 500,
    code: "failed",
    action: null,
    detail: null,
  };
  throw problem;
}
