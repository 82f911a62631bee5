/**
 * Hostile messages in a real browser: their scripts don't run, and they don't disturb other
 * messages.
 */
import type { APIRequestContext } from "@playwright/test";
import { findLinks } from "../../client/chat/link-finder";
import { partsOf } from "../../client/chat/words";
import { expect, LONG, test } from "../fixtures";
import { COMMENTS, open } from "../page";

/** Each sets `window.pwned`, or loads or inserts something, if the page takes it for more than text. */
const SCRIPTS = [
  "<script>window.pwned=1</script>",
  "<img src=x onerror=window.pwned=1>",
  "<svg onload=window.pwned=1>",
  "<svg><animate onbegin=window.pwned=1 attributeName=x dur=1s>",
  "<iframe srcdoc='<script>parent.pwned=1</script>'></iframe>",
  "<details open ontoggle=window.pwned=1>",
  "<style>@import'https://evil.example/x.css';</style>",
  "<base href=https://evil.example/>",
  "<meta http-equiv=refresh content='0;url=javascript:window.pwned=1'>",
  "<form action=https://evil.example><input type=submit>",
  "<a href=javascript:window.pwned=1>x</a>",
  "javascript:window.pwned=1",
  "javascript://example.com/%0awindow.pwned=1",
  "data:text/html,<script>opener.pwned=1</script>",
  "vbscript:msgbox(1) jav\tascript:window.pwned=1 JaVaScRiPt:window.pwned=1",
  'https://example.com/"onmouseover="window.pwned=1',
  "https://example.com/<script>window.pwned=1</script>",
  "https://user:pass@example.com/?a=<b>&c='d'#javascript:window.pwned=1",
  '[x](javascript:window.pwned=1) ![x](x"onerror="window.pwned=1)',
  "</script><script>window.pwned=1</script>",
  "--><script>window.pwned=1</script><!--",
  "]]><script>window.pwned=1</script>",
  "{{constructor.constructor('window.pwned=1')()}} #{window.pwned=1} <%=1%>",
  "\\u003cscript\\u003ewindow.pwned=1\\u003c/script\\u003e &lt;script&gt;window.pwned=1&lt;/script&gt;",
  "<math><mtext></form><form><mglyph><style></math><img src onerror=window.pwned=1>",
  '<noscript><p title="</noscript><img src=x onerror=window.pwned=1>">',
  '{"__html":"<img src=x onerror=window.pwned=1>"}',
];

/** A name has at most 16 characters, so these are short. */
const NAMES = ["<b onclick=a()>", '"><svg onload=x', "__proto__", "constructor", "#{pwned=1}"];

/** Text that is unusually high, wide or hard to lay out. */
const UNRULY = [
  ["a tall stack of marks", `Z${"\u030d\u0323\u0336\u0489".repeat(30)}algo`],
  ["tall stacks under every letter", [..."tower"].map((c) => c + "\u0316".repeat(50)).join("")],
  ["right to left overrides", "\u202eevil\u2066 and \u202dmore\u2067"],
  ["a word without an end", "W".repeat(1_000)],
  ["the widest characters", "﷽𒐫𒈙⸻꧅".repeat(40)],
  ["a family of 201 joined emoji", `👩${"\u200d👩".repeat(200)}`],
  [
    "flags and keycaps",
    "🏴\u{e0067}\u{e0062}\u{e0065}\u{e006e}\u{e0067}\u{e007f}1\ufe0f\u20e3🇩🇪".repeat(20),
  ],
  ["text in both directions", "שלום hello مرحبا 123 ".repeat(20)],
  ["enclosing marks", "a\u20dd\u20de\u20df\u20e0\u20e3\u20e4\u0488\u0489".repeat(50)],
  ["tall scripts", "ཧཱུྃ ྀ༔ ꦗꦼꦒ ᬓ᭄ᬱ ဪ ௵ ﷺ"],
] as const;

async function post(
  request: APIRequestContext,
  data: object,
): Promise<{ id: string; text: string }> {
  const response = await request.post(COMMENTS, { data });
  expect(response.status()).toBe(201);
  return response.json();
}

/** The words of a row: links are shown as host and path. */
function asShown(text: string): string {
  const parts = partsOf(text, { name: "", find: undefined }, findLinks);
  return parts.map((part) => part.shown ?? part.text).join("");
}

test(
  "scripts in messages don't run and make no network requests",
  LONG,
  async ({ page, request, baseURL }) => {
    const elsewhere: string[] = [];
    page.on("request", (sent) => {
      if (new URL(sent.url()).origin !== new URL(baseURL ?? "").origin) elsewhere.push(sent.url());
    });
    page.on("dialog", (dialog) => dialog.dismiss());
    await page.addInitScript(() => {
      const violations: string[] = [];
      Object.assign(window, { violations });
      document.addEventListener("securitypolicyviolation", ({ violatedDirective, blockedURI }) =>
        violations.push(`${violatedDirective} ${blockedURI}`),
      );
    });
    const texts: string[] = [];
    for (const text of SCRIPTS) texts.push((await post(request, { text })).text);
    for (const username of NAMES)
      texts.push((await post(request, { text: `by ${username}`, username })).text);
    await open(page);
    const shown = page.locator(".message-text");
    for (const text of texts.map(asShown))
      await expect(
        shown
          .getByText(text, { exact: true })
          .or(shown.filter({ hasText: text }))
          .first(),
      ).toBeVisible();
    // The page loads its link finder only when a text may contain a link: wait until it has found one.
    const links = shown.getByRole("link");
    await expect(links.first()).toBeVisible();
    for (const link of await links.all()) {
      expect(await link.getAttribute("href")).toMatch(/^https?:\/\//);
      expect(await link.getAttribute("rel")).toContain("noopener");
    }
    const state = await page.evaluate(() => ({
      pwned: "pwned" in window,
      violations: (window as unknown as { violations: string[] }).violations,
      foreign: document.querySelectorAll(
        "[role=log] :is(script, img, iframe, style, base, meta, form, object, embed, details)",
      ).length,
    }));
    expect(state).toEqual({ pwned: false, violations: [], foreign: 0 });
    expect(elsewhere).toEqual([]);
  },
);

test.describe("with only the Content Security Policy as protection", () => {
  test.use({ expectedConsole: [/Content Security Policy/] });

  test("a script injected into the page does not run", async ({ page }) => {
    await open(page);
    const refused = await page.evaluate(
      () =>
        new Promise<string>((resolve) => {
          document.addEventListener("securitypolicyviolation", (event) =>
            resolve(event.violatedDirective),
          );
          const element = document.createElement("div");
          element.setAttribute("onclick", "window.pwned = 1");
          document.body.appendChild(element);
          element.click();
        }),
    );
    expect(refused).toMatch(/^script-src/);
    expect(await page.evaluate(() => "pwned" in window)).toBe(false);
  });
});

test.describe("on a screen that shows the whole log", () => {
  // On a smaller screen each screenshot scrolls, and the new-messages pill would appear in some.
  test.use({ viewport: { width: 1_280, height: 4_000 } });

  test("no message can cover or move its neighbours' text", LONG, async ({ page, request }) => {
    const neighbour = `neighbour ${crypto.randomUUID().slice(0, 8)}`;
    const by = (n: number) => ({ username: `n${n}`, color: "#55c2f5" });
    await post(request, { text: neighbour, ...by(0) });
    for (const [n, [what, text]] of UNRULY.entries()) {
      await post(request, { text, username: what.slice(0, 16) });
      await post(request, { text: neighbour, ...by(n + 1) });
    }
    await open(page);
    const neighbours = page.locator(".message-text").filter({ hasText: neighbour });
    await expect(neighbours).toHaveCount(UNRULY.length + 1);
    const { width } = page.viewportSize() ?? { width: 0 };
    const looks = async () =>
      Promise.all(
        (await neighbours.all()).map(async (one) => (await one.screenshot()).toString("hex")),
      );
    const among = await looks();
    // `visibility: hidden` keeps the space of the other messages.
    await page
      .locator(".message-text")
      .filter({ hasNotText: neighbour })
      .evaluateAll((others) => {
        for (const other of others) (other as HTMLElement).style.visibility = "hidden";
      });
    const alone = await looks();
    for (const [n, look] of among.entries())
      expect(look === alone[n], `before ${UNRULY[n]?.[0]}, after ${UNRULY[n - 1]?.[0]}`).toBe(true);
    const heights = await neighbours.evaluateAll((all) =>
      all.map((one) => one.getBoundingClientRect().height),
    );
    expect(new Set(heights).size).toBe(1);
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(
      width,
    );
  });
});
