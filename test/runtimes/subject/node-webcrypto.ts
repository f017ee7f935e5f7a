import "./hide-node-crypto.js";
import "./node.js";
