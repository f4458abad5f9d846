import { offer } from "../common/on-demand.js";

offer({ openSwitcher: () => import("./switcher.js") });
