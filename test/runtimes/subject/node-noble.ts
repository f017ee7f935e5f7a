import "./hide-node-crypto.js";
import "./hide-ed25519.js";
import "./node.js";
