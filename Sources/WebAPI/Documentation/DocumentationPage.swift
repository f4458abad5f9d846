/// The page at `/docs`: it loads the document beside it and shows it, with nothing from outside.
enum DocumentationPage {
    static let html = """
        <!doctype html>
        <html lang="en">
        <meta charset="utf-8">
        <meta name="viewport" content="width=device-width, initial-scale=1">
        <title>Aviary API</title>
        <style>\(style)</style>
        <h1>Aviary API</h1>
        <p class="note">Made from the server's own routes. The document itself:
        <a href="/openapi.json">/openapi.json</a>; that of the gateway's events: <a href="/asyncapi.json">/asyncapi.json</a>.</p>
        <input id="filter" type="search" placeholder="Filter routes" aria-label="Filter routes">
        <main id="routes"></main>
        <script>\(script)</script>
        </html>
        """

    /// Lets through what stands in the page itself and nothing else (Content Security Policy Level 3, section 2.3.1).
    static let contentSecurityPolicy =
        "default-src 'none'; connect-src 'self'; style-src '\(sourceHash(of: style))'; "
        + "script-src '\(sourceHash(of: script))'; "
        + "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

    private static let style = """

        :root { color-scheme: light dark; --line: #8884; --soft: #8882; --accent: #2f6fdb; }
        body { font: 16px/1.5 system-ui, sans-serif; max-width: 60rem; margin: 0 auto; padding: 1.5rem; }
        h2 { margin-top: 2.5rem; text-transform: capitalize; border-bottom: 1px solid var(--line); }
        details { border: 1px solid var(--line); border-radius: 8px; margin: .5rem 0; padding: .5rem .75rem; }
        summary { cursor: pointer; }
        code, pre { font: 14px/1.45 ui-monospace, monospace; }
        pre { background: var(--soft); padding: .75rem; border-radius: 6px; overflow: auto; }
        .method { display: inline-block; min-width: 4.5rem; font-weight: 600; color: var(--accent); }
        .note { opacity: .75; }
        input { font: inherit; width: 100%; padding: .5rem; box-sizing: border-box; }

        """

    private static let script = """

        const make = (tag, text, className) => {
          const element = document.createElement(tag);
          if (text !== undefined) element.textContent = text;
          if (className) element.className = className;
          return element;
        };
        const example = (schema, components, depth = 0) => {
          if (!schema || depth > 6) return null;
          if (schema.$ref) return example(components[schema.$ref.split('/').pop()], components, depth + 1);
          if (schema.anyOf) return example(schema.anyOf[0], components, depth);
          if (schema.enum) return schema.enum.join(' | ');
          if (schema.type === 'array') return [example(schema.items, components, depth + 1)];
          if (schema.type === 'object') return Object.fromEntries(Object.entries(schema.properties ?? {})
            .map(([name, value]) => [name, example(value, components, depth + 1)]));
          return schema.format ?? schema.type ?? 'any';
        };
        const show = (title, schema, components) => {
          const section = make('section');
          section.append(make('h4', title), make('pre', JSON.stringify(example(schema, components), null, 2)));
          return section;
        };
        const render = (specification) => {
          const components = specification.components.schemas;
          const groups = new Map();
          for (const [path, operations] of Object.entries(specification.paths)) {
            for (const [method, operation] of Object.entries(operations)) {
              const tag = operation.tags[0];
              if (!groups.has(tag)) groups.set(tag, []);
              const entry = make('details');
              const summary = make('summary');
              summary.append(make('span', method.toUpperCase(), 'method'), make('code', path),
                make('span', ' — ' + operation.summary, 'note'));
              entry.append(summary);
              if (operation.security) entry.append(make('p', 'Needs a token.', 'note'));
              for (const parameter of operation.parameters ?? []) {
                entry.append(make('p', `${parameter.in} · ${parameter.name}${parameter.required ? ' (required)' : ''}`, 'note'));
              }
              const body = operation.requestBody?.content['application/json'];
              if (body) entry.append(show('Body', body.schema, components));
              for (const [status, response] of Object.entries(operation.responses)) {
                const content = Object.values(response.content)[0];
                if (status < 400) entry.append(show(status, content.schema, components));
                else entry.append(make('p', `${status}: ${response.description}`, 'note'));
              }
              groups.get(tag).push(entry);
            }
          }
          const main = document.getElementById('routes');
          for (const [tag, entries] of groups) { main.append(make('h2', tag), ...entries); }
        };
        fetch('/openapi.json').then((response) => response.json()).then(render);
        document.getElementById('filter').addEventListener('input', (event) => {
          const wanted = event.target.value.toLowerCase();
          for (const entry of document.querySelectorAll('details')) {
            entry.hidden = !entry.querySelector('summary').textContent.toLowerCase().includes(wanted);
          }
        });

        """
}
