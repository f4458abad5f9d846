import { offerViews } from "../common/on-demand.js";

offerViews({ ForumView: () => import("./forum.js") });
