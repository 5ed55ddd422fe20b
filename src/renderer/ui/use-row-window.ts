import { useLayoutEffect, useState, type RefObject } from 'react';

/** Rows drawn beyond each edge, so that fast scrolling shows no gap. */
const spare = 10;

/** Which rows of equal height (pixels) a scrolling list must draw: `first` to `last`, exclusive. */
export const useRowWindow = (
  scroller: RefObject<HTMLElement | null>,
  count: number,
  rowHeight: number,
): { readonly first: number; readonly last: number } => {
  const [view, setView] = useState({ top: 0, height: 800 });
  useLayoutEffect(() => {
    const element = scroller.current;
    if (!element) return undefined;
    const read = () => setView({ top: element.scrollTop, height: element.clientHeight || 800 });
    const observer = new ResizeObserver(read);
    observer.observe(element);
    element.addEventListener('scroll', read, { passive: true });
    return () => {
      observer.disconnect();
      element.removeEventListener('scroll', read);
    };
  }, [scroller]);
  const first = Math.max(0, Math.min(count, Math.floor(view.top / rowHeight)) - spare);
  return { first, last: Math.min(count, Math.ceil((view.top + view.height) / rowHeight) + spare) };
};

/** Scrolls as little as needed to show the row at `index`. */
export const revealRow = (element: HTMLElement | null, index: number, rowHeight: number): void => {
  if (!element) return;
  const top = index * rowHeight;
  if (top < element.scrollTop) element.scrollTop = top;
  else if (top + rowHeight > element.scrollTop + element.clientHeight)
    element.scrollTop = top + rowHeight - element.clientHeight;
};
