import { offer } from "../common/on-demand.js";

offer({ openSettings: () => import("./user-settings.js") }, { texts: "settings" });
