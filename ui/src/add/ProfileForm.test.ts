import { fireEvent, render, screen } from "@testing-library/svelte";
import { expect, it } from "vitest";

import { ACME } from "../fixtures/states";
import ProfileForm from "./ProfileForm.svelte";

it("renders a provider that no code knows, each kind of field as itself", () => {
  render(ProfileForm, { provider: ACME });
  expect(field("Realm")).toMatchObject({ type: "text", required: true, placeholder: "staff" });
  expect(field("Issuer optional")).toMatchObject({ type: "url", required: false });
  expect(field("Share with Acme's own tools")).toMatchObject({ type: "checkbox" });
  expect(screen.getByLabelText("Client secret: Where the secret is kept").tagName).toBe("SELECT");
  expect(screen.getByText("Without it: https://id.acme.example.")).toBeTruthy();
});

it("words what was filled in as the command that adds the profile", async () => {
  render(ProfileForm, { provider: ACME });
  expect(copy().disabled).toBe(true);
  await type("Profile name", "staff");
  await type("Realm", "ops team's");
  await type("Scopes optional", "read, write");
  await type("Return ports optional", "8400 8401");
  await type("Client secret optional", "acme");
  await fireEvent.click(field("Share with Acme's own tools"));
  expect(command()).toBe(
    "lanyard profile add staff --provider acme --set 'realm=ops team'\\''s'" +
      ` --set 'scopes=["read", "write"]' --set 'redirect_ports=[8400, 8401]'` +
      ` --set 'client_secret={ keyring = "acme" }' --set share=true`,
  );
  expect(copy().disabled).toBe(false);
});

it("keeps what two methods share and leaves out what the chosen one does not have", async () => {
  render(ProfileForm, { provider: ACME });
  await type("Realm", "staff");
  await type("Scopes optional", "read");
  await fireEvent.change(screen.getByLabelText("Method"), { target: { value: "device" } });
  expect(command()).toBe(
    "lanyard profile add NAME --provider acme --method device --set realm=staff",
  );
});

function field(label: string): HTMLInputElement {
  return screen.getByLabelText(label);
}

function copy(): HTMLButtonElement {
  return screen.getByRole("button", { name: "Copy" });
}

function command(): string | null {
  return document.querySelector("code")?.textContent ?? null;
}

async function type(label: string, value: string): Promise<void> {
  await fireEvent.input(field(label), { target: { value } });
}
