// ejabberd, with rooms that are kept and archived: by Mnesia, as its own configuration does it when one turns it on, or
// by SQLite, which that recommends.

import { writeFileSync } from "node:fs";
import path from "node:path";
import { debianVersion, freePort, launch } from "./machine.mjs";
import { running } from "./xmpp.mjs";

export const ejabberd = (storage) => ({
  name: "ejabberd",
  storage,
  version: () => debianVersion("ejabberd"),
  everybodyListens: true,
  start: (folder) => start(storage, folder),
});

const start = async (storage, folder) => {
  const port = await freePort();
  const file = path.join(folder, "ejabberd.yml");
  writeFileSync(file, configuration(storage, folder, port));
  // As `ejabberdctl` does it, but not as a node among others, for which a daemon would be started and left.
  const options = ["+K", "true", "+P", "250000", "-noinput", "-mnesia", "dir", `"${path.join(folder, "spool")}"`];
  const server = await launch("erl", [...options, "-s", "ejabberd"], {
    folder,
    port,
    environment: {
      ...process.env,
      HOME: folder,
      ERL_LIBS: "/usr/lib/x86_64-linux-gnu",
      EJABBERD_CONFIG_PATH: file,
      EJABBERD_LOG_PATH: path.join(folder, "ejabberd.log"),
    },
  });
  return running(port, server);
};

/** Without shapers nothing is held back: those of the configuration that it comes with are no default. */
const configuration = (storage, folder, port) => `
hosts: [localhost]
loglevel: error
registration_timeout: infinity
max_fsm_queue: 1000000
${storage === "SQLite" ? `sql_type: sqlite\nsql_database: "${path.join(folder, "archive.db")}"` : ""}
listen:
  - port: ${port}
    ip: 127.0.0.1
    module: ejabberd_c2s
modules:
  mod_disco: {}
  mod_roster: {}
  mod_register: {}
  mod_mam:
    db_type: ${storage === "SQLite" ? "sql" : "mnesia"}
    assume_mam_usage: true
    default: always
  mod_muc:
    max_users: 1000
    default_room_options:
      mam: true
      persistent: true
      max_users: 1000
`;
