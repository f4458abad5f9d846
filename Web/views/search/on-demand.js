import { offerViews } from "../common/on-demand.js";

offerViews({ SearchPanel: () => import("./search.js") });
