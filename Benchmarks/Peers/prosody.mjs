// Prosody, with rooms that are kept and archived in files, which is its default.

import { writeFileSync } from "node:fs";
import path from "node:path";
import { debianVersion, freePort, launch } from "./machine.mjs";
import { running } from "./xmpp.mjs";

export const prosody = () => ({
  name: "Prosody",
  storage: "files",
  version: () => debianVersion("prosody"),
  everybodyListens: true,
  start,
});

const start = async (folder) => {
  const port = await freePort();
  const file = path.join(folder, "prosody.cfg.lua");
  writeFileSync(file, configuration(folder, port));
  return running(port, await launch("prosody", ["--config", file, "-F"], { folder, port }));
};

/** Without `mod_limits` nothing is held back. */
const configuration = (folder, port) => `
run_as_root = true
pidfile = "${path.join(folder, "prosody.pid")}"
data_path = "${folder}"
log = { { levels = { min = "error" }, to = "file", filename = "${path.join(folder, "prosody.log")}" } }
interfaces = { "127.0.0.1" }
c2s_ports = { ${port} }
c2s_require_encryption = false
allow_unencrypted_plain_auth = true
allow_registration = true
authentication = "internal_hashed"
storage = "internal"
modules_enabled = { "roster", "saslauth", "disco", "register_ibr" }
modules_disabled = { "s2s", "tls" }
VirtualHost "localhost"
Component "conference.localhost" "muc"
  modules_enabled = { "muc_mam" }
  muc_room_default_persistent = true
`;
