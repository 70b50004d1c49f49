// A box that grows at its end shows the end, as long as nobody has scrolled away from it.

import { type RefObject, type UIEvent, useLayoutEffect, useRef } from "react";

const NEAR_END_PX = 40;

interface StayAtEnd {
  readonly ref: RefObject<HTMLDivElement | null>;
  readonly onScroll: (event: UIEvent<HTMLDivElement>) => void;
}

/** For the scrolling box that shows `count` things. */
export function useStayAtEnd(count: number): StayAtEnd {
  const ref = useRef<HTMLDivElement>(null);
  const isAtEnd = useRef(true);
  useLayoutEffect(() => {
    if (isAtEnd.current && ref.current) ref.current.scrollTop = ref.current.scrollHeight;
  }, [count]);
  return {
    ref,
    onScroll({ currentTarget: { scrollHeight, scrollTop, clientHeight } }) {
      isAtEnd.current = scrollHeight - scrollTop - clientHeight < NEAR_END_PX;
    },
  };
}
