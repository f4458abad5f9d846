import { offerViews } from "../common/on-demand.js";

offerViews({ VoiceRoom: () => import("./room.js") });
