import { expect, test } from "vitest";
import { refusal } from "#schema/problem";
import { refuse } from "./answers";

test("a 401 names the authentication scheme that it expects; a 403 names none", () => {
  const challenge = (code: "unauthorized" | "forbidden") =>
    refuse(refusal(code, "No.")).headers.get("WWW-Authenticate");
  expect(challenge("unauthorized")).toBe("Bearer");
  expect(challenge("forbidden")).toBeNull();
});
