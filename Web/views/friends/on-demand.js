import { offer, offerViews } from "../common/on-demand.js";

offer({
  newConversation: () => import("./new-conversation.js"),
});

offerViews({ FriendsPage: () => import("./friends.js") });
