import { offer, offerViews } from "../common/on-demand.js";

offer({ addServer: () => import("./add-server.js"), enterServer: () => import("./entrance.js") });

offerViews({
  DirectoryPage: () => import("./directory.js"),
  InvitePage: () => import("./invite.js"),
  TemplatePage: () => import("./template.js"),
});
