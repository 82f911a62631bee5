import { expect, test } from "vitest";
import { validate } from "./check/validate";
import { DraftSchema } from "./comment";

function pointers(body: unknown): string[] {
  const result = validate(DraftSchema, body);
  return result.ok ? [] : (result.problem.errors ?? []).map(({ pointer }) => pointer).sort();
}

test.each<[unknown, string[]]>([
  [{ text: "hi" }, []],
  [{ text: "x".repeat(1_000) }, []],
  [{ text: "👍".repeat(1_000) }, []],
  [{ text: "x".repeat(1_001) }, ["/text"]],
  [{ text: "" }, ["/text"]],
  [{ text: " \u200b " }, ["/text"]],
  [{}, ["/text"]],
  [{ text: 5 }, ["/text"]],
  [null, [""]],
  [[], [""]],
  ["text", [""]],
  [{ text: "hi", username: "x".repeat(17) }, ["/username"]],
  [{ text: "hi", username: "" }, ["/username"]],
  [{ text: "hi", color: "red" }, ["/color"]],
  [{ text: "hi", nonce: "short" }, ["/nonce"]],
  [{ text: "hi", replyTo: "1" }, ["/replyTo"]],
  [{ text: "hi", secretHash: "47DEQpj8HBSa-_TImW-5JCeuQeRkm5NMpJWZG3hSuFU" }, []],
  // Another length, another alphabet, and 43 characters that no 32 bytes have.
  [{ text: "hi", secretHash: "47DEQpj8HBSa-_TImW-5JCeuQeRkm5NMpJWZG3hSuF" }, ["/secretHash"]],
  [{ text: "hi", secretHash: "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU" }, ["/secretHash"]],
  [{ text: "hi", secretHash: "47DEQpj8HBSa-_TImW-5JCeuQeRkm5NMpJWZG3hSuFV" }, ["/secretHash"]],
  [{ text: "hi", secretHash: 5 }, ["/secretHash"]],
  [{ text: "hi", type: "robot" }, ["/type"]],
  [{ text: "hi", id: "1", timestamp: 2 }, ["/id", "/timestamp"]],
  [
    { text: "hi", botParams: { priority: 100, entity: "", claimedBy: "x" } },
    ["/botParams/claimedBy", "/botParams/entity", "/botParams/priority"],
  ],
  [{ text: "hi", botParams: { priority: 1.5 } }, ["/botParams/priority"]],
  [{ text: "", username: 1, color: 2, nonce: 3 }, ["/color", "/nonce", "/text", "/username"]],
  [{ text: "hi", botParams: [] }, ["/botParams"]],
  [{ text: "hi", "a/b~c": 1 }, ["/a~1b~0c"]],
])("$#: exactly $1 are invalid", (body, invalid) => {
  expect(pointers(body)).toEqual(invalid);
});

test("a refusal describes the valid form of each field", () => {
  expect(validate(DraftSchema, { username: 1, extra: true })).toMatchObject({
    ok: false,
    problem: {
      status: 400,
      code: "invalid_field",
      errors: [
        { pointer: "/text", detail: "is required" },
        { pointer: "/username", detail: "must be a string" },
        { pointer: "/extra", detail: "is an unknown field" },
      ],
    },
  });
});

test("accepted text is cleaned", () => {
  const draft = { text: " e\u0301 ", username: " a\n b ", color: "#ABCDEF" };
  expect(validate(DraftSchema, draft)).toEqual({
    ok: true,
    value: { text: "é", username: "a b", color: "#abcdef" },
  });
});
