import { offer } from "../common/on-demand.js";

offer({ showSoundboard: () => import("./panel.js") });
