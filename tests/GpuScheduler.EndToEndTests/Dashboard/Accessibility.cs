namespace GpuScheduler.EndToEndTests.Dashboard;

/// <summary>Checks that run inside the page; each lists what is wrong.</summary>
internal static class Accessibility
{
    /// <summary>Controls without an accessible name, and pictures without a text.</summary>
    public const string Unnamed = """
        () => [...document.querySelectorAll('button, input, select, textarea, summary, a[href], [role=img], [tabindex]')].filter(element => {
          const labelled = (element.getAttribute('aria-labelledby') ?? '').split(' ').filter(Boolean).map(id => document.getElementById(id)?.textContent ?? '').join('');
          const label = element.getAttribute('aria-label') || labelled || [...(element.labels ?? [])].map(l => l.textContent).join('') || element.textContent;
          return !label.trim();
        }).map(element => element.outerHTML.slice(0, 120))
        """;

    /// <summary>Text whose contrast with what is behind it is below 4.5 (WCAG 2.2, 1.4.3).</summary>
    public const string LowContrast = """
        () => {
          const channel = value => { value /= 255; return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4; };
          const parse = colour => { const n = colour.match(/[\d.]+/g).map(Number); return { rgb: n.slice(0, 3), alpha: n[3] ?? 1 }; };
          const luminance = rgb => 0.2126 * channel(rgb[0]) + 0.7152 * channel(rgb[1]) + 0.0722 * channel(rgb[2]);
          const behind = element => {
            for (let at = element; at; at = at.parentElement) { const c = parse(getComputedStyle(at).backgroundColor); if (c.alpha > 0.99) return c.rgb; }
            return [255, 255, 255];
          };
          const bad = new Set();
          const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
          while (walker.nextNode()) {
            const element = walker.currentNode.parentElement;
            if (!walker.currentNode.textContent.trim() || !element.checkVisibility() || ['SCRIPT', 'NOSCRIPT', 'OPTION', 'text'].includes(element.tagName)) continue;
            const [a, b] = [luminance(parse(getComputedStyle(element).color).rgb), luminance(behind(element))];
            const ratio = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
            if (ratio < 4.5) bad.add(`${ratio.toFixed(2)} ${element.tagName} ${walker.currentNode.textContent.trim().slice(0, 40)}`);
          }
          return [...bad];
        }
        """;
}
