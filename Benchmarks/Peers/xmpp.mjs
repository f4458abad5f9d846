// The least of XMPP that measuring takes, over plain TCP: an account, a resource, a room, and what is said there.

import { connect } from "node:net";

const HOST = "localhost";
const ROOMS = `conference.${HOST}`;
/** A value in quotes may have a `>`. */
const TAG = /<(?:[^"'>]|"[^"]*"|'[^']*')*>/y;

/** Calls `take` with the text of each element right below the stream's. */
class Stream {
  #text = "";
  #at = 0;
  #start = 0;
  #depth = 0;
  #take;

  constructor(take) {
    this.#take = take;
  }

  /** Begins anew, as a stream does after somebody has logged in. */
  restart() {
    this.#depth = 0;
  }

  push(text) {
    this.#text += text;
    while (this.#step());
    // What has been taken is thrown away; of an element that is not there as a whole, nothing is read twice.
    const kept = this.#depth > 1 ? this.#start : this.#at;
    this.#text = this.#text.slice(kept);
    this.#at -= kept;
    this.#start = 0;
  }

  #step() {
    const begin = this.#text.indexOf("<", this.#at);
    if (begin < 0) return false;
    TAG.lastIndex = begin;
    if (!TAG.test(this.#text)) {
      this.#at = begin;
      return false;
    }
    this.#at = TAG.lastIndex;
    const kind = this.#text[begin + 1];
    if (kind === "?") return true;
    if (this.#depth === 1) this.#start = begin;
    if (kind === "/") this.#depth -= 1;
    else if (this.#text[this.#at - 2] !== "/") this.#depth += 1;
    if (this.#depth === 1 && (kind === "/" || this.#text[this.#at - 2] === "/")) {
      this.#take(this.#text.slice(this.#start, this.#at));
    }
    return true;
  }
}

/** Of an element's own tag. */
const attribute = (element, name) => {
  TAG.lastIndex = 0;
  const match = new RegExp(`\\s${name}=(?:"([^"]*)"|'([^']*)')`).exec(TAG.exec(element)[0]);
  return match?.[1] ?? match?.[2];
};

/** Somebody with an account, logged in. */
export class Person {
  #name;
  #socket;
  #stream = new Stream((element) => this.#take(element));
  #awaited = [];
  #sent = 0;
  /** What is said, of which the room has not told ourselves yet. */
  #unacknowledged = new Map();
  #hear;

  static async register(port, name) {
    const person = new Person();
    await person.#connect(port, name);
    return person;
  }

  async #connect(port, name) {
    this.#name = name;
    this.#socket = connect({ port, host: "127.0.0.1", noDelay: true });
    this.#socket.setEncoding("utf8").on("data", (text) => this.#stream.push(text)).on("error", () => {});
    this.#socket.on("close", () => {
      for (const { reject } of this.#unacknowledged.values()) reject(new Error(`${name} was disconnected`));
    });
    await this.#open();
    await this.#ask(
      "register",
      "",
      `<query xmlns='jabber:iq:register'><username>${name}</username><password>secret</password></query>`,
    );
    const secret = Buffer.from(`\0${name}\0secret`).toString("base64");
    this.#write(`<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='PLAIN'>${secret}</auth>`);
    await this.#next((element) => element.startsWith("<success"), "to log in");
    this.#stream.restart();
    await this.#open();
    await this.#ask("bind", "", "<bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'><resource>peers</resource></bind>");
  }

  #open() {
    this.#write(
      `<?xml version='1.0'?><stream:stream to='${HOST}' version='1.0' xmlns='jabber:client' ` +
        `xmlns:stream='http://etherx.jabber.org/streams'>`,
    );
    return this.#next((element) => element.startsWith("<stream:features"), "the features");
  }

  async #ask(id, to, question) {
    this.#write(`<iq type='set' id='${id}'${to}>${question}</iq>`);
    const answer = await this.#next((element) => element.startsWith("<iq") && attribute(element, "id") === id, id);
    if (attribute(answer, "type") !== "result") throw new Error(answer);
  }

  /** Those in a room hear one another, and nobody else can say anything there. */
  async enter(room) {
    const history = "<history maxstanzas='0'/>";
    this.#write(
      `<presence to='${room}/${this.#name}'><x xmlns='http://jabber.org/protocol/muc'>${history}</x></presence>`,
    );
    const own = (element) => element.startsWith("<presence") && attribute(element, "from") === `${room}/${this.#name}`;
    const answer = await this.#next(own, `to enter ${room}`);
    if (attribute(answer, "type") === "error") throw new Error(answer);
  }

  async found() {
    const room = `${this.#name}@${ROOMS}`;
    await this.enter(room);
    const settings = "<x xmlns='jabber:x:data' type='submit'/>";
    await this.#ask(
      "found",
      ` to='${room}'`,
      `<query xmlns='http://jabber.org/protocol/muc#owner'>${settings}</query>`,
    );
    return room;
  }

  /** Comes back when the room tells us what we said: there is no other acknowledgement. */
  send(room, text) {
    const id = `${this.#name}-${++this.#sent}`;
    this.#write(`<message type='groupchat' id='${id}' to='${room}'><body>${text}</body></message>`);
    return new Promise((resolve, reject) => this.#unacknowledged.set(id, { resolve, reject }));
  }

  listen(hear) {
    this.#hear = hear;
  }

  /** Being connected is what it takes to hear. */
  rest() {}

  close() {
    this.#socket.destroy();
  }

  #write(text) {
    this.#socket.write(text);
  }

  #next(isIt, what) {
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => reject(new Error(`${this.#name} waits in vain: ${what}`)), 120_000);
      const found = (element) => {
        clearTimeout(timer);
        resolve(element);
      };
      this.#awaited.push({ isIt, found });
    });
  }

  #take(element) {
    if (element.startsWith("<message")) {
      if (this.#unacknowledged.size > 0 && element.includes(this.#name)) this.#acknowledge(element);
      this.#hear?.(element);
      return;
    }
    const index = this.#awaited.findIndex(({ isIt }) => isIt(element));
    if (index >= 0) this.#awaited.splice(index, 1)[0].found(element);
  }

  #acknowledge(element) {
    const id = attribute(element, "id");
    const waiting = this.#unacknowledged.get(id);
    if (!waiting) return;
    this.#unacknowledged.delete(id);
    if (attribute(element, "type") === "groupchat") waiting.resolve();
    else waiting.reject(new Error(element));
  }
}

/** What is the same for every server of XMPP. */
export const running = (port, server) => ({
  processes: () => [server.process],
  stop: server.stop,
  register: (name) => Person.register(port, name),
  found: (person) => person.found(),
  enter: (person, room) => person.enter(room),
  send: (person, room, text) => person.send(room, text),
  listen: (person, _room, hear) => person.listen(hear),
});
