import { expect, test } from "vitest";
import { commandOf } from "./command";

const press = (key: string, code: string, shiftKey = false) => commandOf({ key, code, shiftKey });

test("letters and signs are commands on a Latin layout", () => {
  expect(press("j", "KeyJ")).toBe("next");
  expect(press("k", "KeyK")).toBe("previous");
  expect(press("r", "KeyR")).toBe("reply");
  expect(press("c", "KeyC")).toBe("write");
  expect(press("/", "Slash")).toBe("search");
  expect(press("?", "Slash", true)).toBe("help");
  expect(press("x", "KeyX")).toBeUndefined();
});

test("Caps Lock changes nothing", () => {
  expect(press("J", "KeyJ")).toBe("next");
});

test("Latin layouts count by the character, wherever its key is", () => {
  // Dvorak: J is on the key of C, C on the key of I.
  expect(press("j", "KeyC")).toBe("next");
  expect(press("c", "KeyI")).toBe("write");
  // German: the slash is Shift+7, and a hyphen is on the slash's key.
  expect(press("/", "Digit7", true)).toBe("search");
  expect(press("-", "Slash")).toBeUndefined();
});

test.each([
  ["Russian", { j: "о", k: "л", r: "к", c: "с", "/": ".", "?": "," }],
  ["Greek", { j: "ξ", k: "κ", r: "ρ", c: "ψ", "/": "/", "?": "?" }],
  ["Hebrew", { j: "ח", k: "ל", r: "ר", c: "ב", "/": ".", "?": "?" }],
  ["Arabic", { j: "ت", k: "ن", r: "ق", c: "ؤ", "/": "ظ", "?": "؟" }],
  ["Thai", { j: "่", k: "า", r: "พ", c: "แ", "/": "ฝ", "?": "ฦ" }],
])("the %s layout counts by the place of the keys", (_, typed) => {
  expect(press(typed.j, "KeyJ")).toBe("next");
  expect(press(typed.k, "KeyK")).toBe("previous");
  expect(press(typed.r, "KeyR")).toBe("reply");
  expect(press(typed.c, "KeyC")).toBe("write");
  expect(press(typed["/"], "Slash")).toBe("search");
  expect(press(typed["?"], "Slash", true)).toBe("help");
});

test("keys without a character count by their name", () => {
  expect(press("End", "End")).toBe("newest");
  expect(press("Home", "Numpad7")).toBe("first");
  expect(press("Escape", "Escape")).toBe("leave");
  expect(press("Dead", "KeyK")).toBeUndefined();
});
