import { offer } from "../common/on-demand.js";

offer({
  editStatus: () => import("./status.js"),
  showPersonMenu: () => import("./person-menu.js"),
  showProfile: () => import("./profile.js"),
});
