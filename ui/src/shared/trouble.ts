import type { Trouble } from "../generated/views.ts";

/** What a refused call says, for a person: the other side rejects with a `RenewalError` or with a text. */
export function troubleOf(reason: unknown): Trouble {
  const { message, remedy } = parts(reason);
  return {
    message: message ?? "Sandglass did not answer",
    remedy: remedy ?? "Try again. If it stays so, quit Sandglass and start it again.",
  };
}

/** As a sentence of its own: Sandglass words its remedies in lower case and without a full stop. */
export function sentence(text: string): string {
  const told = capital(text);
  return /[.!?…]$/.test(told) ? told : `${told}.`;
}

/** As a heading. */
export function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

function parts(reason: unknown): Partial<Trouble> {
  if (typeof reason === "string") return { message: reason };
  if (typeof reason !== "object" || reason === null) return {};
  return { ...text(reason, "message"), ...text(reason, "remedy") };
}

function text(reason: object, key: keyof Trouble): Partial<Trouble> {
  const value = (reason as Record<string, unknown>)[key];
  return typeof value === "string" && value !== "" ? { [key]: value } : {};
}
