import { offer } from "../common/on-demand.js";

offer({
  editEvent: () => import("./event-form.js"),
  showEvent: () => import("./event-details.js"),
  showEvents: () => import("./events.js"),
});
