import "./unkept.js";
import "./deno.js";
