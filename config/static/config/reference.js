// Swagger UI over every surface's document, chosen in the bar at the top.
"use strict";

const surfaces = JSON.parse(document.getElementById("surfaces").textContent);

window.ui = SwaggerUIBundle({
  dom_id: "#reference",
  urls: surfaces.map(({ name, title }) => ({ name: title, url: `/api/schema/${name}.json` })),
  presets: [SwaggerUIBundle.presets.apis, SwaggerUIStandalonePreset],
  layout: "StandaloneLayout",
  docExpansion: "list",
  defaultModelsExpandDepth: 0,
  persistAuthorization: true,
  validatorUrl: null,
});
