// @ts-check
// Everything that a page complains about: the console, uncaught errors, the security policy and failed requests.

/** The wall asks for a retry when the machine stalls, and pages do so. */
const RETRY_LATER_STATUS = 503;
/** A page that leaves cancels its requests. */
const CANCELLED = "NS_BINDING_ABORTED";

/**
 * The page itself closed a socket that was still connecting, as it does when another tab takes over. Firefox
 * then reports a failed connection.
 */
const GIVEN_UP = "given up: ";

/**
 * @param {import("puppeteer-core").Page} page
 * @param {string[]} complaints new ones are added
 */
export async function collectComplaints(page, complaints) {
  /** @param {string} text */
  const complain = (text) => complaints.push(`${text} (${page.url()})`);
  /** @type {string[]} addresses of sockets */
  const givenUp = [];
  /** @param {string} text */
  const complainUnlessGivenUp = (text) => {
    if (!givenUp.some((url) => text.includes(url))) complain(text);
  };
  page
    .on("console", (message) => {
      const [type, text] = [message.type(), message.text()];
      if (text.startsWith(GIVEN_UP)) givenUp.push(text.slice(GIVEN_UP.length));
      else if (["error", "warn", "assert"].includes(type)) complainUnlessGivenUp(text);
    })
    .on("pageerror", (error) =>
      complainUnlessGivenUp(String(/** @type {Error} */ (error).message ?? error)),
    )
    .on("response", (response) => {
      const [status, url] = [response.status(), response.url()];
      const isRetried = status === RETRY_LATER_STATUS && response.headers()["retry-after"];
      if (status >= 400 && !isRetried) complain(`${status} for ${url}`);
    })
    .on("requestfailed", (request) => {
      const reason = request.failure()?.errorText ?? "";
      if (reason !== CANCELLED) complain(`no answer from ${request.url()}: ${reason}`);
    });
  await page.evaluateOnNewDocument((givenUpWords) => {
    const { close } = WebSocket.prototype;
    /**
     * @param {number} [code]
     * @param {string} [reason]
     */
    WebSocket.prototype.close = function (code, reason) {
      if (this.readyState === WebSocket.CONNECTING) console.debug(givenUpWords + this.url);
      close.call(this, code, reason);
    };
    addEventListener("securitypolicyviolation", ({ violatedDirective, blockedURI }) =>
      console.error(`blocked by ${violatedDirective}: ${blockedURI}`),
    );
  }, GIVEN_UP);
}
