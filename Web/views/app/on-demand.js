// What the views have to offer on demand.

import { offer } from "../common/on-demand.js";
import "../administration/on-demand.js";
import "../call/on-demand.js";
import "../channel/on-demand.js";
import "../channel-settings/on-demand.js";
import "../composer/on-demand.js";
import "../events/on-demand.js";
import "../friends/on-demand.js";
import "../messages/on-demand.js";
import "../panels/on-demand.js";
import "../people/on-demand.js";
import "../search/on-demand.js";
import "../server-settings/on-demand.js";
import "../settings/on-demand.js";
import "../sidebar/on-demand.js";
import "../soundboard/on-demand.js";
import "../switcher/on-demand.js";
import "../welcome/on-demand.js";

offer({ openShortcuts: () => import("./shortcuts.js") });
