// @ts-check
// The front's connections, and the bytes it holds for each. Both are bounded over all clients.
// Beyond a bound the front drops a connection instead of refusing a new one, and takes it from the
// address with the most. So a single address can use capacity that no other needs (many people
// behind one router, a bench), and a flood costs its sender's own connections first.

/**
 * @typedef {object} Client one address
 * @property {string} address
 * @property {Set<Connection>} waiting for a request or the rest of one; the longest wait is first
 * @property {Set<Connection>} busy with complete requests; the longest is first
 */

export class Connection {
  /** Unanswered requests, complete or not: several if a client pipelines. */
  requests = /** @type {Set<import("node:http").IncomingMessage>} */ (new Set());
  /** Number of requests in the runtime or queued for it. */
  underWay = 0;
  heldBytes = 0;
  /** It asked for an upgrade that is not granted, so that it closes after the answer. */
  wasUpgrade = false;

  /**
   * @param {import("node:net").Socket} socket
   * @param {Client} client
   */
  constructor(socket, client) {
    this.socket = socket;
    this.client = client;
  }
}

export class Clients {
  #connectionsMax;
  #heldBytesMax;
  /** @type {Map<string, Client>} */
  #clients = new Map();
  /** @type {WeakMap<object, Connection>} */
  #connections = new WeakMap();
  #count = 0;
  #heldBytes = 0;

  /** @param {{ connectionsMax: number, heldBytesMax: number }} bounds */
  constructor({ connectionsMax, heldBytesMax }) {
    this.#connectionsMax = connectionsMax;
    this.#heldBytesMax = heldBytesMax;
  }

  /** @param {import("node:net").Socket} socket */
  add(socket) {
    // It was handed over for an upgrade, and given back.
    if (this.#connections.has(socket)) return;
    const address = socket.remoteAddress ?? "";
    const client = this.#clients.get(address) ?? {
      address,
      waiting: new Set(),
      busy: new Set(),
    };
    const connection = new Connection(socket, client);
    this.#connections.set(socket, connection);
    this.#clients.set(address, client);
    client.waiting.add(connection);
    this.#count += 1;
    socket.once("close", () => this.#forget(connection));
    while (this.#count > this.#connectionsMax) {
      const [longest] = connectionsOf(greatest(this.#clients.values(), countOf));
      if (longest) this.#drop(longest);
    }
  }

  /**
   * @param {object} socket
   * @returns {Connection | undefined} undefined if it was not passed to `add`
   */
  of(socket) {
    return this.#connections.get(socket);
  }

  /**
   * A complete request has arrived.
   * @param {Connection} connection
   */
  begin(connection) {
    connection.underWay += 1;
    const { waiting, busy } = connection.client;
    if (waiting.delete(connection)) busy.add(connection);
  }

  /**
   * A request of `begin` has been answered.
   * @param {Connection} connection
   */
  end(connection) {
    connection.underWay -= 1;
    const { waiting, busy } = connection.client;
    if (connection.underWay === 0 && busy.delete(connection)) waiting.add(connection);
  }

  /**
   * @param {Connection} connection
   * @param {number} bytes now held for it, or released if negative
   */
  hold(connection, bytes) {
    if (!isKnown(connection)) return;
    connection.heldBytes += bytes;
    this.#heldBytes += bytes;
    while (this.#heldBytes > this.#heldBytesMax) {
      const client = greatest(this.#clients.values(), heldBytesOf);
      this.#drop(greatest(connectionsOf(client), ({ heldBytes }) => heldBytes));
    }
  }

  /** @param {Connection} connection */
  #drop(connection) {
    // Its `close` event comes later; its bytes must not cause another drop until then.
    this.#forget(connection);
    connection.socket.destroy();
  }

  /** @param {Connection} connection */
  #forget(connection) {
    if (!isKnown(connection)) return;
    const { client } = connection;
    client.waiting.delete(connection);
    client.busy.delete(connection);
    if (countOf(client) === 0) this.#clients.delete(client.address);
    this.#count -= 1;
    this.#heldBytes -= connection.heldBytes;
  }
}

/** @param {Connection} connection */
function isKnown(connection) {
  const { waiting, busy } = connection.client;
  return waiting.has(connection) || busy.has(connection);
}

/** @param {Client} client */
function connectionsOf({ waiting, busy }) {
  return [...waiting, ...busy];
}

/** @param {Client} client */
function countOf({ waiting, busy }) {
  return waiting.size + busy.size;
}

/** @param {Client} client */
function heldBytesOf(client) {
  return connectionsOf(client).reduce((sum, { heldBytes }) => sum + heldBytes, 0);
}

/**
 * @template T
 * @param {Iterable<T>} things at least one
 * @param {(thing: T) => number} measure
 */
function greatest(things, measure) {
  return [...things].reduce((most, thing) => (measure(thing) > measure(most) ? thing : most));
}
