import { expect, test } from "vitest";
import { refusal } from "#schema/problem";
import { refuse } from "./answers";

test("only a 401 names the scheme that it expects", () => {
  const challenge = (code: "unauthorized" | "forbidden") =>
    refuse(refusal(code, "No.")).headers.get("WWW-Authenticate");
  expect(challenge("unauthorized")).toBe("Bearer");
  expect(challenge("forbidden")).toBeNull();
});
