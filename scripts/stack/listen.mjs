// @ts-check
import { Refusal } from "../command/refusal.mjs";

/**
 * @param {import("node:http").Server} server
 * @param {{ host: string, port: number }} where
 * @returns {Promise<string>} the address as a URL, with the chosen port if `port` is 0
 */
export function listen(server, { host, port }) {
  return new Promise((resolve, reject) => {
    server.once("error", (error) => {
      const { code, message } = /** @type {NodeJS.ErrnoException} */ (error);
      const reason =
        code === "EADDRINUSE"
          ? `Port ${port} on ${host} is in use. Stop the process that uses it, or choose another: PORT=${port + 1} npm start`
          : `Can't listen on ${host}:${port}: ${message}`;
      reject(new Refusal(reason));
    });
    server.listen(port, host, () => {
      const address = /** @type {import("node:net").AddressInfo} */ (server.address());
      resolve(`http://${host.includes(":") ? `[${host}]` : host}:${address.port}`);
    });
  });
}
