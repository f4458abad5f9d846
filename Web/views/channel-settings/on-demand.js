import { offer } from "../common/on-demand.js";

offer({ openChannelSettings: () => import("./channel-settings.js") }, { texts: "settings" });
