import { offer } from "../common/on-demand.js";

offer({ openServerSettings: () => import("./server-settings.js") }, { texts: "settings" });
