import { offer, offerViews } from "../common/on-demand.js";

offer({ addServer: () => import("./add-server.js") });

offerViews({ InvitePage: () => import("./invite.js") });
