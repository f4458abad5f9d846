import { offerViews } from "../common/on-demand.js";

offerViews({ AdministrationPage: () => import("./administration.js") }, { texts: "administration" });
